SELECT ID, VejmanID, Tilladelsesnr, FakturaStatus
FROM [VejmanKassen].[dbo].[VejmanFakturering]
     WITH (UPDLOCK, READPAST, ROWLOCK, READCOMMITTEDLOCK, FORCESEEK)
WHERE ID IN (SELECT CAST(value AS int) FROM OPENJSON(CAST(:ids AS nvarchar(max))))
ORDER BY ID

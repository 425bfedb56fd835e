SELECT v.ID
FROM OPENJSON(CAST(:claims AS nvarchar(max)))
          WITH (ID int '$.id', Mark nvarchar(100) '$.mark') AS c
INNER JOIN [VejmanKassen].[dbo].[VejmanFakturering] AS v WITH (FORCESEEK) ON v.ID = c.ID
WHERE v.FakturaStatus = :status
  AND EXISTS (
      SELECT 1 FROM [VejmanKassen].[dbo].[VejmanFaktureringLog] AS l
      WHERE l.RowID = v.ID AND l.NewStatus = :status AND l.PerformedBy LIKE N'%' + c.Mark
  )
ORDER BY v.ID

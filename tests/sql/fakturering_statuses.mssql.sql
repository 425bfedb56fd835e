SELECT ID, FakturaStatus FROM [VejmanKassen].[dbo].[VejmanFakturering] WITH (NOLOCK, FORCESEEK) WHERE ID IN (SELECT CAST(value AS int) FROM OPENJSON(CAST(:ids AS nvarchar(max))))

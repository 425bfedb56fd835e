SELECT TOP (:limit) ID
FROM [VejmanKassen].[dbo].[VejmanFakturering] WITH (NOLOCK)
WHERE FakturaStatus = :status AND ID > :after
ORDER BY ID

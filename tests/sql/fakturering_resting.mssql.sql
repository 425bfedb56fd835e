SELECT TOP (:limit) ID, VejmanID, Tilladelsesnr, FakturaStatus
FROM [VejmanKassen].[dbo].[VejmanFakturering] WITH (NOLOCK)
WHERE FakturaStatus IN (:claimed, :handed_over) AND ID > :after
ORDER BY ID

SELECT ID, VejmanID, Tilladelsesnr, FakturaStatus
FROM VejmanFakturering
WHERE ID IN (SELECT value FROM json_each(:ids))
ORDER BY ID

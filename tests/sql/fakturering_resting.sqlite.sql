SELECT ID, VejmanID, Tilladelsesnr, FakturaStatus
FROM VejmanFakturering
WHERE FakturaStatus IN (:claimed, :handed_over) AND ID > :after
ORDER BY ID
LIMIT :limit

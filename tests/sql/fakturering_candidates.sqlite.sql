SELECT ID
FROM VejmanFakturering
WHERE FakturaStatus = :status AND ID > :after
ORDER BY ID
LIMIT :limit

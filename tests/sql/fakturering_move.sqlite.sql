UPDATE VejmanFakturering
SET FakturaStatus = :new
WHERE FakturaStatus = :old AND ID IN (SELECT value FROM json_each(:ids))
RETURNING ID

SELECT v.ID
FROM (SELECT json_extract(value, '$.id') AS ID, json_extract(value, '$.mark') AS Mark
          FROM json_each(:claims)) AS c
INNER JOIN VejmanFakturering AS v ON v.ID = c.ID
WHERE v.FakturaStatus = :status
  AND EXISTS (
      SELECT 1 FROM VejmanFaktureringLog AS l
      WHERE l.RowID = v.ID AND l.NewStatus = :status AND l.PerformedBy LIKE '%' || c.Mark
  )
ORDER BY v.ID

SELECT ID, FakturaStatus FROM VejmanFakturering WHERE ID IN (SELECT value FROM json_each(:ids))

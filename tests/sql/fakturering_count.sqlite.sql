SELECT COUNT(*) FROM VejmanFakturering WHERE FakturaStatus = :status

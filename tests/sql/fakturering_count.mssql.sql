SELECT COUNT(*) FROM [VejmanKassen].[dbo].[VejmanFakturering] WITH (NOLOCK) WHERE FakturaStatus = :status

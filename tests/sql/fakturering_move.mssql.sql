SET NOCOUNT ON;
DECLARE @moved TABLE (ID int NOT NULL PRIMARY KEY);
UPDATE v
SET FakturaStatus = :new
OUTPUT inserted.ID INTO @moved (ID)
FROM [VejmanKassen].[dbo].[VejmanFakturering] AS v
     WITH (UPDLOCK, READPAST, ROWLOCK, READCOMMITTEDLOCK, FORCESEEK)
WHERE v.FakturaStatus = :old
  AND v.ID IN (SELECT CAST(value AS int) FROM OPENJSON(CAST(:ids AS nvarchar(max))));
INSERT INTO [VejmanKassen].[dbo].[VejmanFaktureringLog] (RowID, ActionType, OldStatus, NewStatus, PerformedBy)
SELECT ID, :action, :old, :new, :by FROM @moved;
SELECT ID FROM @moved ORDER BY ID;

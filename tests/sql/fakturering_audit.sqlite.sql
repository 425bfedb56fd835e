INSERT INTO VejmanFaktureringLog (RowID, ActionType, OldStatus, NewStatus, PerformedBy)
SELECT value, :action, :old, :new, :by FROM json_each(:ids)

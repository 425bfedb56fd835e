UPDATE processes SET status='waiting', due_at=NULL, waiting_for='lane', updated_at=:now WHERE processes.id = :process_id AND processes.due_at IS NOT NULL AND processes.seq = 0 RETURNING id

UPDATE processes SET doubtful_since=:now WHERE processes.id = :process_id AND processes.fence = :held_fence AND processes.status = 'running' RETURNING id

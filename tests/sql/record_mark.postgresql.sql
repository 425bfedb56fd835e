UPDATE processes SET doubtful_since=:now::TIMESTAMP WITH TIME ZONE WHERE processes.id = :process_id::BIGINT AND processes.fence = :held_fence::BIGINT AND processes.status = 'running'::VARCHAR

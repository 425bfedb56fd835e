SELECT sent.process_id, sent.fence, sent.channel, sent.sent_at, processes.id 
FROM sent LEFT OUTER JOIN processes ON processes.id = sent.process_id AND processes.fence = sent.fence AND processes.due_at IS NOT NULL ORDER BY sent.process_id, sent.fence

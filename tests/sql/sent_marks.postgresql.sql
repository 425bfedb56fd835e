SELECT sent.process_id, sent.fence, sent.channel, sent.sent_at 
FROM sent ORDER BY sent.process_id, sent.fence

DROP TABLE message_row;
DROP TABLE message_part;
DROP TABLE message;
DROP TABLE nonce;
DROP TABLE partner_key;
DROP TABLE partner;

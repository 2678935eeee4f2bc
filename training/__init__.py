"""How index/model was made: public text sets -> tokenizer -> static bilingual encoder. Nothing imports it."""

"""Programs that made index/model: public text sets -> tokenizer -> static bilingual encoder. Nothing imports them."""

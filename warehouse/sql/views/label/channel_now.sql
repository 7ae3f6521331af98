-- A channel is its name, so its newest version says what every version says.
CREATE OR REPLACE VIEW label.channel_now AS
SELECT DISTINCT ON (channel_key) channel_key, channel_name
  FROM star.dim_channel ORDER BY channel_key, valid_from DESC;

"""Files: documents, tables and workbooks read with the place of every value, and files written whole or not at all."""

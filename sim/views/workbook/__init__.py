"""The workbook: a run as sheets of an Excel file."""

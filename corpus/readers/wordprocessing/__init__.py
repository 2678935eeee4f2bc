"""Read WordprocessingML (ECMA-376, ISO/IEC 29500), the format of .docx files, as Word and WPS show it on the page."""

@echo off
rem Install everything (once), then run the tests. Arguments are passed on to pytest: test.bat tests\corpus
chcp 65001 >nul
setlocal
set PYTHONUTF8=1
cd /d "%~dp0"
set "ENVIRONMENT=%CD%\.venv"
if defined VIRTUAL_ENV set "ENVIRONMENT=%VIRTUAL_ENV%"
set PY="%ENVIRONMENT%\Scripts\python.exe"
if exist %PY% goto install
set PY=python
where py >nul 2>nul && set PY=py -3
:install
%PY% install.py requirements-encoders.txt requirements.txt requirements-ocr.txt || exit /b 1
"%ENVIRONMENT%\Scripts\python.exe" -m pytest %*

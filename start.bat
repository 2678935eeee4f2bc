@echo off
rem Install what running needs (once), then open the page. Options are passed on: start.bat --library FOLDER
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
%PY% install.py requirements-run.txt || (pause & exit /b 1)
"%ENVIRONMENT%\Scripts\python.exe" -m qa chat --open %*
if errorlevel 1 pause

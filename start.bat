@echo off
rem Set everything up (once), then open the page. Options are passed on: start.bat --library FOLDER
chcp 65001 >nul
setlocal
set PYTHONUTF8=1
cd /d "%~dp0"
if exist .venv\Scripts\python.exe goto installed
set PY=python
where py >nul 2>nul && set PY=py -3
%PY% -c "import sys; sys.exit(sys.version_info < (3, 11))" || (echo Jingyan needs Python 3.11 or later & pause & exit /b 1)
%PY% -m venv .venv || (pause & exit /b 1)
:installed
fc /b requirements.txt .venv\jingyan-requirements.txt >nul 2>nul && goto run
if exist wheels (
  .venv\Scripts\python -m pip install --no-index --find-links wheels -r requirements.txt || (pause & exit /b 1)
) else (
  .venv\Scripts\python -m pip install -r requirements.txt || (pause & exit /b 1)
)
copy /y requirements.txt .venv\jingyan-requirements.txt >nul
:run
.venv\Scripts\python -m qa chat --open %*
if errorlevel 1 pause

# The Makefile's targets for Windows, where there is no make: ./make.ps1 TARGET [arguments], such as ./make.ps1 test -k fence
# Where scripts are not allowed: powershell -ExecutionPolicy Bypass -File make.ps1 TARGET
# It needs Python 3.11 or newer and nothing else. Only ASCII in here: Windows PowerShell 5.1 reads no other by itself.

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # exit codes are looked at, one by one
$env:PYTHONDONTWRITEBYTECODE = $null # the tests start hundreds of programs, which would compile the engine anew

$Target = if ($args.Count -gt 0) { $args[0] } else { 'help' }
$Rest = @($args | Select-Object -Skip 1)

$Says = [ordered]@{
    'help'        = 'list what can be made (this text)'
    'venv'        = 'make .venv with all that tests and benchmarks need'
    'demo'        = 'show the invoice dispatch at work; --crash kills a worker midway'
    'demo-web'    = 'show the pages on three weeks of an invented office, in a browser'
    'test'        = 'check style and types, run the tests; -k fence for some'
    'lint'        = 'check style and types only'
    'docs'        = 'build the documentation into build/site'
    'pictures'    = 'make the pictures of README and docs from the demo (in Chromium)'
    'bench'       = 'measure the speed; writes benchmarks/latest.json'
    'bench-peers' = 'measure it beside DBOS and Procrastinate, and draw the charts'
    'proofs'      = 'prove that nothing is lost or doubled; $env:DATABASE=URL: on yours'
    'mutants'     = 'make 40 faults in the engine, and count which the tests find'
    'peers'       = 'install the OpenOrchestrator versions that tests run against'
    'clean'       = 'remove .venv, .peers, build results and caches; databases stay'
}
$PeerVersions = '3.0.0', '2.0.1'

$Bin = if ($env:OS -eq 'Windows_NT') { 'Scripts' } else { 'bin' }
$Python = ".venv/$Bin/python"

function Invoke-Checked([string] $Program, [string[]] $Words) {
    & $Program @Words
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Install([string] $Into, [string[]] $What) {
    Invoke-Checked $Into (@('-m', 'pip', 'install', '--quiet', '--disable-pip-version-check') + $What)
}

# A python may be too old, or a stub that only opens the shop: ask each one.
function Test-Python([string[]] $Candidate) {
    if (-not (Get-Command $Candidate[0] -ErrorAction SilentlyContinue)) { return $false }
    $ErrorActionPreference = 'SilentlyContinue' # here only: what it writes to stderr is no error of ours
    $Words = @($Candidate | Select-Object -Skip 1) + @('-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))')
    & $Candidate[0] @Words *> $null
    return $LASTEXITCODE -eq 0
}

function Get-Python {
    $Candidates = @(@('python'), @('py', '-3'), @('python3'))
    if ($env:PYTHON) { $Candidates = @(, @($env:PYTHON)) + $Candidates }
    foreach ($Candidate in $Candidates) {
        if (Test-Python $Candidate) { return $Candidate }
    }
    Write-Host 'Python 3.11 or newer is needed and none was found; install it, or name it: $env:PYTHON = "C:\path\to\python.exe"'
    exit 1
}

function New-Venv([string] $Folder) {
    $Found = @(Get-Python)
    Invoke-Checked $Found[0] (@($Found | Select-Object -Skip 1) + @('-m', 'venv', '--clear', $Folder))
}

function Test-Ready([string] $Mark) {
    if (-not (Test-Path $Mark)) { return $false }
    return (Get-Item $Mark).LastWriteTimeUtc -ge (Get-Item 'pyproject.toml').LastWriteTimeUtc
}

function Use-Venv([string] $Mark, [string] $What) {
    if (Test-Ready $Mark) { return }
    if (-not (Test-Path '.venv/made')) {
        Write-Host 'Making .venv ...'
        New-Venv '.venv'
        Set-Content '.venv/made' ''
    }
    Write-Host "Installing $What into .venv; the first time this takes a minute ..."
    Install $Python @('--editable', $What)
    Set-Content @('.venv/ready', $Mark) ''
}

function Use-TestVenv {
    Use-Venv '.venv/ready-for-tests' '.[dev,sqlserver]'
    Set-Content '.venv/ready-for-web' ''
}

function Invoke-Lint {
    Use-TestVenv
    Write-Host 'Checking the style (ruff) and the types (mypy) ...'
    Invoke-Checked $Python @('-m', 'ruff', 'check', '--quiet', '.')
    Invoke-Checked $Python @('-m', 'ruff', 'format', '--check', '--quiet', '.')
    Invoke-Checked $Python @('-m', 'mypy', '--no-error-summary')
}

function Install-Peer([string] $Version) {
    $Folder = ".peers/openorchestrator-$Version"
    if (Test-Path "$Folder/ready") { return }
    Write-Host "Installing OpenOrchestrator $Version into $Folder ..."
    New-Venv $Folder
    Install "$Folder/$Bin/python" @('--no-deps', "OpenOrchestrator==$Version")
    Install "$Folder/$Bin/python" @('SQLAlchemy==2.0.*', 'cronsim==2.6', 'cryptography==45.0.*')
    Set-Content "$Folder/ready" ''
}

function Install-BenchPeer([string] $Name, [string] $What) {
    $Folder = ".peers/$Name"
    if (Test-Path "$Folder/ready") { return }
    Write-Host "Installing $What into $Folder ..."
    New-Venv $Folder
    Install "$Folder/$Bin/python" @($What, 'psycopg[binary]>=3.3')
    Set-Content "$Folder/ready" ''
}

function Clear-Made {
    $Made = '.venv', '.peers', 'build', 'dist', '.mypy_cache', '.ruff_cache', '.pytest_cache', '.hypothesis'
    $Made | Where-Object { Test-Path $_ } | Remove-Item -Recurse -Force
    Get-ChildItem -Directory -Recurse -Filter '__pycache__' | Remove-Item -Recurse -Force
}

Push-Location $PSScriptRoot
try {
    switch ($Target) {
        'help' {
            'make.ps1 TARGET, where TARGET is'
            $Says.GetEnumerator() | ForEach-Object { '  {0,-11} {1}' -f $_.Key, $_.Value }
        }
        'venv' { Use-TestVenv }
        'demo' {
            Use-Venv '.venv/ready' '.'
            Invoke-Checked $Python (@('-m', 'process_manager', 'demo') + $Rest)
        }
        'demo-web' {
            Use-Venv '.venv/ready-for-web' '.[web]'
            Invoke-Checked $Python (@('-m', 'process_manager', 'demo', '--web') + $Rest)
        }
        'test' {
            Invoke-Lint
            Write-Host 'Running the tests ...'
            Invoke-Checked $Python (@('-m', 'pytest', '-n', '4', '--dist', 'worksteal') + $Rest)
        }
        'lint' { Invoke-Lint }
        'docs' {
            Use-TestVenv
            $env:NO_MKDOCS_2_WARNING = '1'
            Invoke-Checked $Python (@('-m', 'mkdocs', 'build', '--strict', '--quiet') + $Rest)
            Write-Host 'Open build/site/index.html.'
        }
        'pictures' {
            Use-TestVenv
            Invoke-Checked $Python @('-m', 'docs.generate.pictures')
        }
        'bench' {
            Use-TestVenv
            Invoke-Checked $Python (@('-m', 'benchmarks') + $Rest)
        }
        'bench-peers' {
            Use-TestVenv
            Install-BenchPeer 'dbos' 'dbos==3.4.0'
            Install-BenchPeer 'procrastinate' 'procrastinate==3.10.0'
            Invoke-Checked $Python (@('-m', 'benchmarks.peers') + $Rest)
        }
        'proofs' {
            Use-TestVenv
            Invoke-Checked $Python (@('-m', 'proofs') + $Rest)
        }
        'mutants' {
            Use-TestVenv
            Invoke-Checked $Python (@('-m', 'benchmarks.mutants') + $Rest)
        }
        'peers' { $PeerVersions | ForEach-Object { Install-Peer $_ } }
        'clean' { Clear-Made }
        default {
            Write-Host "There is no target '$Target'. The targets are $($Says.Keys -join ', ')."
            exit 2
        }
    }
}
finally {
    Pop-Location
}

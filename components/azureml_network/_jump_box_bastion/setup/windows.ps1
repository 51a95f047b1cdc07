# Installs tools for data science from winget's default source. What cannot be had is
# listed at the end and in a file, and stops nothing. It can run again at any time.
$folder = Join-Path $env:ProgramData 'JumpBoxSetup'
New-Item -ItemType Directory -Force $folder | Out-Null
$missing = @()
$present = 0, -1978335189, -1978335135
$tools = [ordered]@{
  'Git' = 'Git.Git'
  'Python' = 'Python.Python.3.12'
  'Visual Studio Code' = 'Microsoft.VisualStudioCode'
  'Azure CLI' = 'Microsoft.AzureCLI'
}
$apps = "$env:ProgramFiles\WindowsApps\Microsoft.DesktopAppInstaller_*_x64__*"
$winget = Get-ChildItem "$apps\winget.exe" -ErrorAction SilentlyContinue |
  Sort-Object FullName | Select-Object -Last 1
foreach ($tool in $tools.GetEnumerator()) {
  $code = 1
  if ($winget) {
    & $winget.FullName install --exact --id $tool.Value --scope machine --silent `
      --disable-interactivity --accept-package-agreements --accept-source-agreements
    $code = $LASTEXITCODE
  }
  if ($present -notcontains $code) { $missing += $tool.Key }
}
$python = "$env:ProgramFiles\Python312\python.exe"
$az = "$env:ProgramFiles\Microsoft SDKs\Azure\CLI2\wbin\az.cmd"
$steps = [ordered]@{
  'Azure Machine Learning for Python, and JupyterLab' = {
    & $python -m pip install --quiet --upgrade azure-ai-ml azure-identity jupyterlab
  }
  'ml extension of the Azure CLI' = {
    & $az extension add --system --upgrade --yes --name ml
  }
}
foreach ($step in $steps.GetEnumerator()) {
  $global:LASTEXITCODE = 1
  try { & $step.Value } catch { Write-Output $_.Exception.Message }
  if ($LASTEXITCODE -ne 0) { $missing += $step.Key }
}
Set-Content (Join-Path $folder 'missing.txt') $missing
if ($missing) { Write-Output "Not installed: $($missing -join '; ')" }
exit 0

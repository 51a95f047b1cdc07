"""What jump boxes of each operating system begin with where the caller says nothing."""

from dataclasses import dataclass

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import ImageSpec, OperatingSystem
from azureml_rulebook.findings import joined
from azureml_rulebook.virtual_machines import image_findings, image_system_findings


@dataclass(frozen=True, kw_only=True)
class ImagePlan:
    """An image of Azure's marketplace."""

    publisher: str
    offer: str
    sku: str
    version: str


DEFAULT_IMAGES = {
    OperatingSystem.LINUX: ImagePlan(
        publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest"
    ),
    # People sign in with Entra ID from this version on, and it has winget:
    # https://learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-windows
    OperatingSystem.WINDOWS: ImagePlan(
        publisher="MicrosoftWindowsServer",
        offer="WindowsServer",
        sku="2025-datacenter-azure-edition",
        version="latest",
    ),
}
"""Images of generation 2 that Azure patches by itself (https://learn.microsoft.com/
azure/virtual-machines/automatic-vm-guest-patching)."""


def read_image(spec: InputReader, system: OperatingSystem) -> ImagePlan:
    """Read ``image``; the default of the operating system if it was left out."""
    if not spec.has("image"):
        return DEFAULT_IMAGES[system]
    image = spec.nested("image", ImageSpec)
    plan = ImagePlan(
        publisher=image.text("publisher"),
        offer=image.text("offer"),
        sku=image.text("sku"),
        version=image.text("version", "latest"),
    )
    spec.findings += image_findings(
        plan.publisher, plan.offer, plan.sku, plan.version, path=image.path
    )
    spec.findings += image_system_findings(
        plan.publisher, system.value, path=joined(image.path, "publisher")
    )
    return plan

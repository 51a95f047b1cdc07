"""A network that reaches a Private Link service of somebody else's."""

import pulumi
from pulumi import Output, ResourceOptions

from azureml_network._inputs import findings_of
from azureml_network._published_service.arguments import ServiceConsumerArgs
from azureml_network._published_service.consumer_resources import consumer
from azureml_network._published_service.plan import plan_consumer
from azureml_network._surroundings import Surroundings
from azureml_rulebook.findings import Finding


class ServiceConsumer(pulumi.ComponentResource):
    """A private endpoint to a Private Link service, by its id or, from another tenant, by its alias, and a name for it in the consumer's network; with manual approval it carries traffic once the service's owner has let it in."""  # noqa: E501

    endpoint_id: Output[str]
    """Resource id of the private endpoint."""
    address: Output[str]
    """Address of the service in the consumer's network."""
    host_name: Output[str] | None
    """Name of the service in the consumer's network; not set without dns."""

    def __init__(
        self, name: str, args: ServiceConsumerArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_consumer(name, args)
        super().__init__("azureml-network:index:ServiceConsumer", name, {}, opts)
        made = consumer(
            Surroundings.of(name, self, args, plan.consumer.place),
            plan.consumer,
            plan.service,
        )
        dns = plan.consumer.dns
        self.endpoint_id = made.endpoint.id
        self.address = made.address
        self.host_name = None if dns is None else Output.from_input(dns.host_name)
        self.register_outputs(
            {
                "endpointId": self.endpoint_id,
                "address": self.address,
                "hostName": self.host_name,
            }
        )

    @staticmethod
    def check(name: str, args: ServiceConsumerArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_consumer(name, args))

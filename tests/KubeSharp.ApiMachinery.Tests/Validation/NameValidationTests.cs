using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Tests.Validation;

public class NameValidationTests
{
    private static readonly string A63 = new('a', 63);

    // apimachinery/pkg/util/validation/validation_test.go.
    [Fact]
    public void Accepts_qualified_names()
    {
        string[] good =
        [
            "simple", "now-with-dashes", "1-starts-with-num", "1234", "simple/simple", "now.with.dots/simple", "1.2.3.4/5678",
            "Uppercase_Is_OK_123", "example.com/Uppercase_Is_OK_123", A63, new string('a', 253) + "/" + A63,
        ];
        Assert.All(good, name => Assert.Empty(NameValidation.IsQualifiedName(name)));
        string[] bad =
        [
            "nospecialchars%^=@", "cantendwithadash-", "-cantstartwithadash-", "only/one/slash", "Example.com/abc", "example_com/abc",
            "example.com/", "/simple", new string('a', 64), new string('a', 254) + "/abc", "line\n",
        ];
        Assert.All(bad, name => Assert.NotEmpty(NameValidation.IsQualifiedName(name)));
    }

    [Theory]
    [InlineData("a.b", "must not contain dots")]
    [InlineData("A", "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    public void Explains_labels(string name, string message) => Assert.Equal([message], NameValidation.IsDns1123Label(name));

    [Fact]
    public void Explains_subdomains()
    {
        const string Format = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
        Assert.Equal([Format], NameValidation.IsDns1123Subdomain("a..b"));
        Assert.Equal(["must be no more than 253 characters", Format], NameValidation.IsDns1123Subdomain(new string('A', 254)));
        Assert.Equal(["must be no more than 253 characters"], NameValidation.IsDns1123Subdomain(new string('a', 254)));
        Assert.Empty(NameValidation.IsDns1123Subdomain("a.b-c.1"));
        Assert.Equal(["must be no more than 63 bytes"], NameValidation.IsLabelValue(new string('a', 64)));
    }

    [Theory]
    [InlineData("telnet", true)]
    [InlineData("re-mail-ck", true)]
    [InlineData("pop3", true)]
    [InlineData("a", true)]
    [InlineData("longerthan15characters", false)]
    [InlineData("", false)]
    [InlineData("12345", false)]
    [InlineData("-begin", false)]
    [InlineData("end-", false)]
    [InlineData("middle--double", false)]
    [InlineData("NoUppercase", false)]
    public void Judges_port_names(string name, bool valid) => Assert.Equal(valid, NameValidation.IsValidPortName(name).Count == 0);

    [Theory]
    [InlineData("..", "must not be '..'")]
    [InlineData("..a", "must not start with '..'")]
    [InlineData(".", "must not be '.'")]
    public void Judges_config_map_keys(string key, string message) => Assert.Equal([message], NameValidation.IsConfigMapKey(key));

    // apimachinery/pkg/util/validation/ip_test.go.
    [Theory]
    [InlineData("1.2.3.4", null)]
    [InlineData("::1", null)]
    [InlineData("2a00:79e0:2:0:f1c3:e797:93c1:df80", null)]
    [InlineData("::", null)]
    [InlineData("1.2.3", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("1.2.3.256", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("fe80::1%eth0", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("1:2:3", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("1::2::3", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("1.002.3.4", "must not have leading 0s")]
    [InlineData("::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address")]
    [InlineData("2001:DB8::1", "must be in canonical form (\"2001:db8::1\")")]
    [InlineData("2001:db8:0:0:0:0:0:1", "must be in canonical form (\"2001:db8::1\")")]
    [InlineData("1:0:0:4:5:0:0:8", "must be in canonical form (\"1::4:5:0:0:8\")")]
    [InlineData("::1.2.3.4", "must be in canonical form (\"::102:304\")")]
    public void Judges_addresses(string text, string? message)
    {
        var errors = new FieldErrorList();
        IpValidation.IsValidIp(errors, new FieldPath("ip"), text);
        Assert.Equal(message, errors.Count == 0 ? null : errors[0].Detail);
    }

    [Theory]
    [InlineData("1.0.0.0/8", null)]
    [InlineData("::/0", null)]
    [InlineData("::ffff:1.2.3.0/120", "must not have an IPv4-mapped IPv6 address")]
    [InlineData("1.2.3.0/024", "must not have leading 0s in IP or prefix length")]
    [InlineData("1.2.3.4/24", "must not have bits set beyond the prefix length")]
    [InlineData("1.2.3.4/33", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("2001:db8:0::/64", "must be in canonical form (\"2001:db8::/64\")")]
    [InlineData("1.2.3.4", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    public void Judges_networks(string text, string? message)
    {
        var errors = new FieldErrorList();
        IpValidation.IsValidCidr(errors, new FieldPath("cidr"), text);
        Assert.Equal(message, errors.Count == 0 ? null : errors[0].Detail);
    }

    [Fact]
    public void Checks_metadata_on_create()
    {
        var metadata = new Map
        {
            { "name", "A" },
            { "labels", new Map { { "k", "v!" } } },
            { "finalizers", new Sequence { "orphan", "foregroundDeletion" } },
            { "managedFields", new Sequence { new Map { { "operation", "Steal" }, { "manager", "m" } } } },
            { "ownerReferences", new Sequence { new Map { { "apiVersion", "v1" }, { "kind", "Event" }, { "name", "e" }, { "uid", "1" } } } },
        };
        var errors = new FieldErrorList();
        ObjectMetaValidation.Validate(errors, metadata, true, NameRules.DnsLabel, new FieldPath("metadata"));
        Assert.Equal(
        [
            "metadata.name FieldValueInvalid", "metadata.namespace FieldValueRequired", "metadata.labels FieldValueInvalid",
            "metadata.ownerReferences FieldValueInvalid", "metadata.finalizers FieldValueInvalid", "metadata.managedFields[0].operation FieldValueInvalid",
        ], errors.Select(error => $"{error.Field} {error.Type.ToCause()}"));
        Assert.Equal("/v1, Kind=Event is disallowed from being an owner", errors[3].Detail);
        Assert.Equal("metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot be both set", errors[4].Error());
    }

    [Fact]
    public void Checks_metadata_on_update()
    {
        var old = new Map { { "name", "a" }, { "uid", "1" }, { "generation", 2 }, { "deletionTimestamp", "2020-01-01T00:00:00Z" } };
        var current = new Map { { "name", "b" }, { "uid", "1" }, { "generation", 1 }, { "finalizers", new Sequence { "x.y/z" } } };
        var errors = new FieldErrorList();
        ObjectMetaValidation.ValidateUpdate(errors, current, old, new FieldPath("metadata"));
        Assert.Equal(
        [
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"x.y/z\"}",
            "metadata.resourceVersion: Invalid value: \"\": must be specified for an update",
            "metadata.generation: Invalid value: 1: must not be decremented",
            "metadata.name: Invalid value: \"b\": field is immutable",
            "metadata.deletionTimestamp: Invalid value: null: field is immutable",
        ], errors.Select(error => error.Error()));
    }
}

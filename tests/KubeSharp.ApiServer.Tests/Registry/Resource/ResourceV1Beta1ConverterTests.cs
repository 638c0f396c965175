using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Resource;

namespace KubeSharp.ApiServer.Tests.Registry.Resource;

/// <summary>The shapes are those of k8s.io/api/resource/{v1beta1,v1}/types.go.</summary>
public sealed class ResourceV1Beta1ConverterTests
{
    [Theory]
    [InlineData("spec", """{"spec":{"devices":{"requests":[{"name":"r","deviceClassName":"gpu","count":2}]}}}""", """{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"gpu","count":2}}]}}}""")]
    [InlineData("spec", """{"spec":{"devices":{"requests":[{"name":"r","deviceClassName":"","firstAvailable":[{"name":"s","deviceClassName":"gpu"}]}]}}}""", """{"spec":{"devices":{"requests":[{"name":"r","firstAvailable":[{"name":"s","deviceClassName":"gpu"}]}]}}}""")]
    [InlineData("spec.spec", """{"spec":{"spec":{"devices":{"requests":[{"name":"r","deviceClassName":"gpu","adminAccess":false}]}}}}""", """{"spec":{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"gpu","adminAccess":false}}]}}}}""")]
    [InlineData("spec", """{"spec":{"driver":"d","devices":[{"name":"a","basic":{"attributes":{"x":{"bool":true}}}}]}}""", """{"spec":{"driver":"d","devices":[{"name":"a","attributes":{"x":{"bool":true}}}]}}""")]
    [InlineData("spec", """{"spec":{"driver":"d"}}""", """{"spec":{"driver":"d"}}""")]
    public void Requests_and_devices_change_their_shape_both_ways(string path, string beta, string stored)
    {
        var converter = new ResourceV1Beta1Converter(path.Split('.'));

        Assert.Equal((Value)Read(stored), converter.ToStorage(Read(beta)));
        Assert.Equal((Value)Read(beta), converter.FromStorage(Read(stored)));
    }

    private static Map Read(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;
}

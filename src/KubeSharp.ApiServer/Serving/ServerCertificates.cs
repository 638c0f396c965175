using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeSharp.ApiServer.Authentication.ServiceAccounts;
using KubeSharp.ApiServer.Options;

namespace KubeSharp.ApiServer.Serving;

/// <summary>
/// The server's keys: those named by flags, or a small PKI below the data directory, made on the first start with the
/// file names that kubeadm uses. Private files have mode 0600.
/// </summary>
public sealed record ServerCertificates(X509Certificate2 Serving, string CaPem, X509Certificate2Collection ClientAuthorities, TokenKeys TokenKeys, string? AdminKubeconfig)
{
    private static readonly string[] Names =
        ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];

    /// <summary>A leaf is renewed when less than this is left at start.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    public static ServerCertificates Prepare(ApiServerOptions options, TimeProvider time)
    {
        var directory = Path.Combine(options.DataDirectory, "pki");
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var tokenKeys = LoadTokenKeys(options, directory);
        if (options.TlsCertFile.Length > 0)
        {
            var given = new X509Certificate2Collection();
            if (options.ClientCaFile.Length > 0)
                given.ImportFromPemFile(options.ClientCaFile);
            return new ServerCertificates(Exportable(X509Certificate2.CreateFromPemFile(options.TlsCertFile, options.TlsPrivateKeyFile)), File.ReadAllText(options.TlsCertFile), given, tokenKeys, null);
        }

        var authority = LoadOrCreateAuthority(directory, time);
        var caPem = authority.Certificate.ExportCertificatePem();
        var serving = LoadOrIssue(directory, "apiserver", time, () => authority.IssueServer("kube-apiserver", Names.Append(Dns.GetHostName()).Distinct(), Addresses(options)));
        var admin = LoadOrIssue(directory, "admin", time, () => authority.IssueClient("kubernetes-admin", "system:masters"));
        var kubeconfig = Path.Combine(options.DataDirectory, "admin.conf");
        WritePrivate(kubeconfig, Kubeconfig.ForClientCertificate($"https://{Host(options.PublicAddress)}:{options.SecurePort}", caPem, "kubernetes-admin", admin));
        var authorities = new X509Certificate2Collection { X509CertificateLoader.LoadCertificate(authority.Certificate.RawData) };
        if (options.ClientCaFile.Length > 0)
            authorities.ImportFromPemFile(options.ClientCaFile);
        return new ServerCertificates(serving, caPem, authorities, tokenKeys, kubeconfig);
    }

    public static string Host(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    /// <summary>Creates a file that only its owner may read, or replaces its content.</summary>
    public static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(path, options);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    private static CertificateAuthority LoadOrCreateAuthority(string directory, TimeProvider time)
    {
        var certificateFile = Path.Combine(directory, "ca.crt");
        var keyFile = Path.Combine(directory, "ca.key");
        if (File.Exists(certificateFile) && File.Exists(keyFile))
            return CertificateAuthority.Load(certificateFile, keyFile, time);
        var authority = CertificateAuthority.Create("kubernetes", time);
        WritePrivate(keyFile, authority.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, authority.Certificate.ExportCertificatePem() + "\n");
        return authority;
    }

    private static X509Certificate2 LoadOrIssue(string directory, string name, TimeProvider time, Func<X509Certificate2> issue)
    {
        var certificateFile = Path.Combine(directory, name + ".crt");
        var keyFile = Path.Combine(directory, name + ".key");
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            var existing = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            if (existing.NotAfter - time.GetUtcNow() > RenewBefore)
                return Exportable(existing);
        }

        var issued = issue();
        WritePrivate(keyFile, issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, issued.ExportCertificatePem() + "\n");
        return Exportable(issued);
    }

    private static TokenKeys LoadTokenKeys(ApiServerOptions options, string directory)
    {
        var path = options.ServiceAccountSigningKeyFile.Length > 0 ? options.ServiceAccountSigningKeyFile : Path.Combine(directory, "sa.key");
        if (!File.Exists(path) && options.ServiceAccountSigningKeyFile.Length == 0)
        {
            using var key = RSA.Create(2048);
            WritePrivate(path, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(Path.ChangeExtension(path, ".pub"), key.ExportSubjectPublicKeyInfoPem() + "\n");
        }

        var signing = TokenKey.LoadAll(path)[0];
        return new TokenKeys(signing, options.ServiceAccountKeyFiles.Count == 0 ? [signing] : [.. options.ServiceAccountKeyFiles.SelectMany(TokenKey.LoadAll)]);
    }

    private static IEnumerable<IPAddress> Addresses(ApiServerOptions options)
    {
        yield return IPAddress.Loopback;
        yield return IPAddress.IPv6Loopback;
        if (!options.PublicAddress.Equals(IPAddress.Loopback))
            yield return options.PublicAddress;
        // The first address of the service range is the kubernetes Service's.
        var network = IPNetwork.Parse(options.ServiceClusterIpRange.Split(',')[0]);
        var first = network.BaseAddress.GetAddressBytes();
        first[^1]++;
        yield return new IPAddress(first);
    }

    /// <summary>TLS wants a key that is loaded the platform's way, not an ephemeral one.</summary>
    private static X509Certificate2 Exportable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
}

using KubeSharp.Commands;

// The role is the name that the program is called by, or its first argument.
var name = Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);
return await CommandLine.RunAsync(name, args).ConfigureAwait(false);

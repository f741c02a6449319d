using TcpStatExporter.Commands;

return await new CommandLine(serve: ServeCommand.RunAsync, once: OnceCommand.RunAsync).RunAsync(args);

/** Fails a run in which a file was forgotten until its handle was collected as garbage. Later versions of Node end the process then. */
function refuseForgottenFiles(warning: Error): void {
  if ('code' in warning && warning.code === 'DEP0137') {
    throw new Error('A file was not closed.', { cause: warning });
  }
}

// Files of tests that share a process share its listeners.
if (!process.listeners('warning').some(({ name }) => name === refuseForgottenFiles.name)) {
  process.on('warning', refuseForgottenFiles);
}

/** Fails a run in which a file was forgotten until its handle was collected as garbage. Later versions of Node end the process then. */
process.on('warning', (warning) => {
  if ('code' in warning && warning.code === 'DEP0137') {
    throw new Error('A file was not closed.', { cause: warning });
  }
});

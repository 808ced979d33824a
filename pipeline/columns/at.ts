/**
 * The element at an index, for code that is not hot; hot loops read typed arrays within bounds that are proven beforehand.
 * @throws RangeError naming the index and the length
 */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const element = array[index];
  if (element === undefined) {
    throw new RangeError(`There is no element ${index} in an array of ${array.length}.`);
  }
  return element;
}

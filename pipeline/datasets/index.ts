import type { Dataset } from '../plan/dataset.ts';
import { geo } from './geo.ts';
import { pin } from './pin.ts';
import { user } from './user.ts';

export { geo, pin, user };

/** Every kind of event. To add one is to write its file and name it here. */
export const datasets: readonly Dataset[] = [pin, geo, user];

/** The purpose of a sequence of random numbers: each purpose has its own, so that changing one leaves the others. */
export const purpose = { pin: 1, poster: 2, geo: 3, post: 4, user: 5, other: 6 } as const;

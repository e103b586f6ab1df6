/** Whole programs and most journeys: `npm test` leaves them to `npm run test:slow`, so that it stays short enough to be run. */
export const slowFiles = [
    "src/run/{demo-folder,init,link,serve}.test.ts",
    "test/attacks/timing.test.ts",
    "test/browser/{circle,founding,keys,measures,partner,sightings}.spec.ts",
    "test/faults/{clocks,killed,lost}.test.ts",
]

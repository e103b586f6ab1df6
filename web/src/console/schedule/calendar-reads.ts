/** Reads the publication days. */
import { useMayRead } from "../artifacts/viewer.tsx"

export const useCalendar = () => useMayRead("wave:read", "/api/calendar")

/** The instant of program time, for fields that complete a typed date. */
import { createContext } from "react"

/** Null: the field asks for the year. */
export const ProgramNow = createContext<string | null>(null)

/** Answer types of the routes that show handovers. */
import { Type } from "typebox"

/** Checkpoints by which each former key names the next key, oldest first. */
export const handoversAnswer = Type.Object({ handovers: Type.Array(Type.String()) })

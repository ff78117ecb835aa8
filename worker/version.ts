/** As in package.json, which a test compares: the Worker's bundle holds no file of the repository but its code. */
export const version = "0.1.0";

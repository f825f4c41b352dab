"""What the flows are written with.

environment   the variables that make MLflow's client answer the same everywhere
transport     remembers the HTTP status that the client last saw
wire          raw HTTP requests, with paths that a client library would tidy up
plain         MLflow's entities as JSON values
normal        ids, times, names and addresses as symbols
observer      one flow's ordered list of observations
recording     runs the topics and writes the file
comparing     says where two files differ
files         how a recording looks on disk
"""

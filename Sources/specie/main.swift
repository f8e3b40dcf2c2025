print("specie")
